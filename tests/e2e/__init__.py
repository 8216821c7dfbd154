"""The main job as a person does it."""
