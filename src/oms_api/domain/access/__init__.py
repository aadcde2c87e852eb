"""Who may call: integrations and their API keys.

Invariants: a key's secret is shown once and only its HMAC is stored; scopes and limits are fixed at issue; an integration
stays the same client when its keys are rotated.
"""
