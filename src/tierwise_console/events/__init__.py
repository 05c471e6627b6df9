"""Events sent by web shops, apps and servers: taken durably, deduplicated, then imported into the ledger of the core."""
