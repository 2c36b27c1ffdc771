"""Sites, ducts, links and demands: files, importers, design rules, routing."""
