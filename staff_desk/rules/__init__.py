"""The responsibility table at the desk: drafts, a form for rules, versions, preview."""
