"""`portal doctor`: looks at a deployment from where it runs, names what is wrong and how to mend it."""
