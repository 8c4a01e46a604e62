"""From measured figures to words, tables and charts. Pure: nothing here reads a store or a screen."""
