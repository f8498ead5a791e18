"""Small recurrent networks of every family as real exporters write them; see ../make_families.py."""
