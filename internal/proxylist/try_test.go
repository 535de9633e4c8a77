package proxylist

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
)

func TestTry(t *testing.T) {
	missing, broken := fmt.Errorf("404: %w", fs.ErrNotExist), errors.New("503")
	for _, tt := range []struct {
		list  string
		from  int
		fails []error // by entry
		asked []int
		want  error
	}{
		{"a.test,b.test,c.test", 0, []error{nil, nil, nil}, []int{0}, nil},
		{"a.test,b.test,c.test", 1, []error{nil, missing, nil}, []int{1, 2}, nil},
		{"a.test,b.test,c.test", 0, []error{missing, broken, nil}, []int{0, 1}, broken},
		{"a.test|b.test,c.test", 0, []error{broken, missing, missing}, []int{0, 1, 2}, missing},
		{"a.test|b.test|", 0, []error{broken, broken}, []int{0, 1}, broken},
		{"a.test|b.test|c.test", 0, []error{broken, Stop(broken), nil}, []int{0, 1}, broken},
		{"a.test,b.test,c.test", 0, []error{Stop(missing), nil, nil}, []int{0}, missing},
		{"a.test", 1, nil, nil, fs.ErrNotExist},
	} {
		list, err := Parse(tt.list)
		if err != nil {
			t.Fatal(err)
		}
		var asked []int
		err = Try(list, tt.from, func(i int) error {
			asked = append(asked, i)
			return tt.fails[i]
		})
		if err != tt.want || !slices.Equal(asked, tt.asked) {
			t.Errorf("%s from %d: asked %v, %v; want %v, %v", tt.list, tt.from, asked, err, tt.asked, tt.want)
		}
	}
}
