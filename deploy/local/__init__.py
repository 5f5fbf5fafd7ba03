"""A private stack for one checkout: packages, PostgreSQL, Redis, mail sink, supervisor.

Standard library only (the mail sink excepted), because it runs before anything is installed.
"""
