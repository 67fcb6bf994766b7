-- The log says a day once, and of what is due on no day nothing.

-- definitions: 0766a0b53ca267bffa766cad2cb739de5d17aab0adda4f9555bf6951f9e3c134
