"""What the customer said, safely: checked, redacted, cleaned, told by language, embedded."""
