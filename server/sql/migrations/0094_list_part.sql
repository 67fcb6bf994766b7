-- Lists of deals look for those in which the caller takes part only where there are any.

-- definitions: d7d9c1f34bc27d319aad3b6807ad800a646327f9c3b101f79e1413473e07eb5c
