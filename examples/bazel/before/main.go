// Hello is a program with two dependencies.
package main

import (
	"fmt"

	"example.com/greet"
	"example.com/names"
)

func main() { fmt.Println(greet.Word, names.Word) }
