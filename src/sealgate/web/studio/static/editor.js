// The connector editor.
