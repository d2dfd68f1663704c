package main

import (
	"context"
	"errors"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A bank is an actor whose state is its accounts.
type bank struct{ *actor[accounts] }

// accounts is the balance of each account.
type accounts [100]int

var errNoMoney = errors.New("there is not enough money in the account")

// openBank opens a bank with 100 in each account, for clients of which each waits
// for the reply to a request before it makes another.
func openBank(clients int) bank {
	var as accounts
	for i := range as {
		as[i] = 100
	}
	return bank{newActor(&as, clients)}
}

func (b bank) close() { b.stop() }

// transfer moves money, and replies with what is left in the account from.
func (b bank) transfer(from, to, amount int) *oneshot.Receiver[int] {
	return ask(b.actor, func(as *accounts) (int, error) {
		if as[from] < amount {
			return as[from], errNoMoney
		}
		as[from] -= amount
		as[to] += amount
		return as[from], nil
	})
}

// sum returns the money in all accounts. It blocks.
func (b bank) sum() int {
	sum, _ := ask(b.actor, func(as *accounts) (sum int, err error) {
		for _, balance := range as {
			sum += balance
		}
		return sum, nil
	}).Recv()
	return sum
}

// client makes transfers one after the other. It may be called in a task and
// elsewhere.
func client(ctx context.Context, b bank, id, transfers int) error {
	for i := range transfers {
		from, to := (id+i)%len(accounts{}), (id*7+i*3)%len(accounts{})
		_, err := future.Await(ctx, b.transfer(from, to, 1+i%50))
		if err != nil && !errors.Is(err, errNoMoney) {
			return err
		}
	}
	return nil
}
