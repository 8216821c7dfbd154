"""What `avr fix` costs beside the test runs that its gates need."""
