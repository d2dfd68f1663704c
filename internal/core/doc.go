// Package core is the channel for one message of package oneshot, whose Sender and
// Receiver are its two ends under types of their own.
//
// Who has a [Channel] may use both of its ends: package executor keeps the result
// of a task in one.
//
// Messages are passed by pointers, which no method keeps: the methods of Sender and
// Receiver, which pass them by value, are inlined and copy them no more often.
package core
