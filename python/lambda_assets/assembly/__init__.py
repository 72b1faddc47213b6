"""Cloud assemblies without Node: the scopes of an app, and the files that stock tools read."""
