"""capsule: realtime models, written once in Python, alive in the browser and on the server."""
