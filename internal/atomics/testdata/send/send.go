// Package send is compiled twice: with the seam and without it.
package send

import "github.com/go-await/await/oneshot"

// Through sends and receives.
func Through(v int) (int, error) {
	tx, rx := oneshot.New[int]()
	if err := tx.Send(v); err != nil {
		return 0, err
	}
	return rx.TryRecv()
}
