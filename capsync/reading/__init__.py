"""Reading the live org: who we are there, objects, files, creates that show up late."""
