"""The composition root: wires plug-ins to stages and takes components through them."""
