"""Every component and every page pattern with sample data, as plain files to look at.

    python -m design.gallery <folder> [en]     then: python -m http.server -d <folder>

Needs no database and none of the installation's settings. All people, places and cases are made up.
"""
