"""Tables of sites, ducts, links and demands."""
