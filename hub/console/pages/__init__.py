"""One module a page; :data:`hub.console.contents.PAGES` lists them."""
