// kstatus says what Flux and Argo CD make of an object: the library that Flux asks, and the engine that runs Argo CD's health rules.
//
//	kstatus < object.json          prints InProgress, Failed, Current, Terminating, NotFound or Unknown, and why
//	kstatus rule.lua < object.json prints the health that the rule answers, and its message
package main

import (
	"encoding/json"
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	var object map[string]any
	fail(json.NewDecoder(os.Stdin).Decode(&object))
	if len(os.Args) > 1 {
		health, message := argo(os.Args[1], object)
		fmt.Printf("%s\n%s\n", health, message)
		return
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: whole(object).(map[string]any)})
	fail(err)
	fmt.Printf("%s\n%s\n", result.Status, result.Message)
}

// argo runs a rule as Argo CD does: the object is the global obj, and the rule returns a table of status and message.
func argo(file string, object map[string]any) (string, string) {
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", value(state, object))
	fail(state.DoFile(file))
	answer, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		fail(fmt.Errorf("the rule returned no table"))
	}
	return answer.RawGetString("status").String(), answer.RawGetString("message").String()
}

func value(state *lua.LState, from any) lua.LValue {
	switch from := from.(type) {
	case bool:
		return lua.LBool(from)
	case float64:
		return lua.LNumber(from)
	case string:
		return lua.LString(from)
	case []any:
		list := state.NewTable()
		for _, item := range from {
			list.Append(value(state, item))
		}
		return list
	case map[string]any:
		table := state.NewTable()
		for key, item := range from {
			table.RawSetString(key, value(state, item))
		}
		return table
	}
	return lua.LNil
}

// whole makes numbers what the Kubernetes libraries expect of whole ones.
func whole(from any) any {
	switch from := from.(type) {
	case float64:
		return int64(from)
	case []any:
		for i := range from {
			from[i] = whole(from[i])
		}
	case map[string]any:
		for key := range from {
			from[key] = whole(from[key])
		}
	}
	return from
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}
