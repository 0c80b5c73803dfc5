// The token of a login link goes out of the address, and so out of the history.
history.replaceState(null, "", location.pathname);
