# does a fails_with in a function called in a plain loop stop?
