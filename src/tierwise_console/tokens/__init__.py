"""Keys to the API: tokens with scopes, and what was answered to requests that may be repeated."""
