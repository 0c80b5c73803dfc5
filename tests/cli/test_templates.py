"""`sealgate template`."""


def test_try(sealgate):
    template = "{{ user.email }} {{ get_secret('k') }}{{ user.nope }}"
    shown = sealgate("template", "try", "header", "--user", '{"email": "ada@example.com"}', stdin=template)
    assert shown.stdout == "ada@example.com [k]\n" and "nope" in shown.stderr
    failed = sealgate("template", "try", "response_body", stdin="{{ 1 / 0 }}", exit_code=1)
    assert "RESPONSE_TEMPLATE_FAILED" in failed.stdout
    faults = sealgate("template", "try", "header", stdin="{{ a", exit_code=1)
    assert "does not parse" in faults.stdout
    sealgate("template", "try", "elsewhere", stdin="a", exit_code=2)


def test_reference(sealgate):
    names = [entry["name"] for entry in sealgate.json("template", "reference")["entries"]]
    assert "get_secret" in names and "from_json" in names
