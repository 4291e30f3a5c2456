"""What carries out training steps: one object behind the Trainer, whatever trains the model."""
