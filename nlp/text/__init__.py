"""What the customer said: checked, cleaned, redacted, its language detected, embedded."""
