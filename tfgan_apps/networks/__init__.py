"""Networks that several systems use; a network moves here when a second system needs it."""
