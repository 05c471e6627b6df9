"""The CRM: customers with their labels and history, tags, notes, tasks, custom fields, strategy, settings versions."""
