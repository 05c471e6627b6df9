"""Privacy requests: what is known of one person, handed out or erased, in the workspace and in the console's database."""
