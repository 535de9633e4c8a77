// Api is a program of a repository with several modules.
package main

import (
	"fmt"

	"example.com/greet"
)

func main() { fmt.Println(greet.Word) }
