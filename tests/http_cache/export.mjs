// The cases of the public suite, as JSON.
import suites from 'http-cache-tests/tests/index.mjs'

process.stdout.write(JSON.stringify(suites))
