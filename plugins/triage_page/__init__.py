"""The review page: routes, templates and charts. It asks `sql.page` and computes nothing itself."""
