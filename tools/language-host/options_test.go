package main

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"
)

func parse(t *testing.T, given map[string]any) (options, error) {
	t.Helper()
	packed, err := structpb.NewStruct(given)
	if err != nil {
		t.Fatal(err)
	}
	return parseOptions(packed)
}

func TestTypescriptIsOnUnlessTurnedOff(t *testing.T) {
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{nil, "PULUMI_NODEJS_TYPESCRIPT=true"},
		{map[string]any{"typescript": true}, "PULUMI_NODEJS_TYPESCRIPT=true"},
		{map[string]any{"typescript": false}, "PULUMI_NODEJS_TYPESCRIPT=false"},
	} {
		parsed, err := parse(t, c.given)
		if err != nil || parsed.environment()[0] != c.want {
			t.Errorf("%v: %v %v, want %s", c.given, parsed.environment(), err, c.want)
		}
	}
}

func TestNodeArgumentsAreSplitAtSpacesOutsideQuotes(t *testing.T) {
	parsed, err := parse(t, map[string]any{"nodeargs": `--import  tsx --title="two words" ''`})
	want := []string{"--import", "tsx", "--title=two words", ""}
	if err != nil || !reflect.DeepEqual(parsed.nodeArgs, want) {
		t.Errorf("%q %v, want %q", parsed.nodeArgs, err, want)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	for want, given := range map[string]map[string]any{
		`unknown runtime option "typescrip"`: {"typescrip": true},
		"typescript must be true or false":   {"typescript": "no"},
		"nodeargs must be a string":          {"nodeargs": 1},
		"missing \"":                         {"nodeargs": `--title="x`},
		"knows only npm":                     {"packagemanager": "yarn"},
	} {
		if _, err := parse(t, given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", given, err, want)
		}
	}
}
