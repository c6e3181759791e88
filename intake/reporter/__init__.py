"""The reporter's door: report form, mailbox, and the sealed envelope behind them."""
