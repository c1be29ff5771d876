package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// options are those of `runtime: {name: nodejs, options: …}` in Pulumi.yaml, with the official host's meaning.
type options struct {
	typescript bool
	tsconfig   string
	nodeArgs   []string
}

func parseOptions(given *structpb.Struct) (options, error) {
	parsed := options{typescript: true}
	for name, value := range given.AsMap() {
		switch name {
		case "typescript":
			on, ok := value.(bool)
			if !ok {
				return parsed, fmt.Errorf("runtime option typescript must be true or false, not %v", value)
			}
			parsed.typescript = on
		case "nodeargs":
			text, ok := value.(string)
			if !ok {
				return parsed, fmt.Errorf("runtime option nodeargs must be a string, not %v", value)
			}
			words, err := splitWords(text)
			if err != nil {
				return parsed, fmt.Errorf("runtime option nodeargs: %w", err)
			}
			parsed.nodeArgs = words
		case "tsconfig":
			text, ok := value.(string)
			if !ok {
				return parsed, fmt.Errorf("runtime option tsconfig must be a string, not %v", value)
			}
			parsed.tsconfig = text
		case "packagemanager":
			if value != "npm" && value != "auto" {
				return parsed, fmt.Errorf("runtime option packagemanager: this host knows only npm, not %v", value)
			}
		default:
			return parsed, fmt.Errorf("unknown runtime option %q (known: typescript, nodeargs, tsconfig, packagemanager)", name)
		}
	}
	return parsed, nil
}

// environment tells the SDK's runner what the options say.
func (o options) environment() []string {
	set := []string{fmt.Sprintf("PULUMI_NODEJS_TYPESCRIPT=%t", o.typescript)}
	if o.tsconfig != "" {
		set = append(set, "PULUMI_NODEJS_TSCONFIG_PATH="+o.tsconfig)
	}
	return set
}

// splitWords splits a command line at spaces, except inside single or double quotes.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inside := false
	for _, c := range text {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inside = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if inside {
				words = append(words, word.String())
				word.Reset()
			}
			inside = false
		default:
			word.WriteRune(c)
			inside = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("missing %c in %s", quote, text)
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}
