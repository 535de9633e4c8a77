// Worker is a program of a repository with several modules.
package main

import (
	"fmt"

	"example.com/names"
)

func main() { fmt.Println(names.Word) }
