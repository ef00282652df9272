// Reading the command line as getopt_long(3) does: prefixes of long options, values behind = or blank, grouped letters, --options FILE.
using System.Text;

namespace Cygnet.PkiTool;

static class Arguments
{
    // A file of options that names itself would never end.
    const int MaxArguments = 10_000;

    /// <summary>All options in order, without <c>--options</c> itself. Throws <see cref="Refusal"/>.</summary>
    public static List<Given> Read(IReadOnlyList<string> args, Command command)
    {
        List<Given> all = [];
        var rest = new LinkedList<string>(args);
        var taken = 0;
        while (rest.First is { Value: var word })
        {
            rest.RemoveFirst();
            if (++taken > MaxArguments) throw Wrong(command, $"more than {MaxArguments} arguments; does a file of --options name itself?");
            if (word == "--") continue;
            if (word.StartsWith("--", StringComparison.Ordinal)) ReadLong(word[2..]);
            else if (word is ['-', _, ..]) ReadLetters(word);
            else throw Wrong(command, $"'{word}' is no option; values stand behind the option they belong to");
        }
        return all;

        void ReadLong(string text)
        {
            var equals = text.IndexOf('=');
            var name = equals < 0 ? text : text[..equals];
            var option = Find(name);
            if (equals >= 0 && !option.TakesValue) throw Wrong(command, $"option '--{option.Name}' doesn't allow an argument");
            Add(option, $"--{option.Name}", equals < 0 ? null : text[(equals + 1)..]);
        }

        Option Find(string name)
        {
            if (command.Options.FirstOrDefault(o => o.Name == name) is { } exact) return exact;
            return command.Options.Where(o => o.Name.StartsWith(name, StringComparison.Ordinal)).ToList() switch
            {
                [var one] => one,
                [] => throw Wrong(command, $"unrecognized option '--{name}'"),
                var several => throw Wrong(command, $"option '--{name}' is ambiguous; possibilities: {string.Join(' ', several.Select(o => $"'--{o.Name}'"))}"),
            };
        }

        void ReadLetters(string word)
        {
            for (var i = 1; i < word.Length; i++)
            {
                var option = command.Options.FirstOrDefault(o => o.Letter == word[i]) ?? throw Wrong(command, $"invalid option -- '{word[i]}'");
                if (!option.TakesValue)
                {
                    Add(option, $"-{option.Letter}", null);
                    continue;
                }
                Add(option, $"-{option.Letter}", i + 1 < word.Length ? word[(i + 1)..] : null);
                return;
            }
        }

        void Add(Option option, string shown, string? value)
        {
            if (option.TakesValue && value is null)
            {
                value = rest.First?.Value ?? throw Wrong(command, $"option '{shown}' requires an argument");
                rest.RemoveFirst();
            }
            if (option.Name != "options")
            {
                all.Add(new(option.Name, value ?? ""));
                return;
            }
            foreach (var word in Enumerable.Reverse(Words(FromFile(command, value!)))) rest.AddFirst(word);
        }
    }

    static string FromFile(Command command, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(command, $"--options '{file}': {Files.Why(e)}");
        }
    }

    /// <summary>Words separated by white space; quotes hold words together; # begins a comment.</summary>
    internal static List<string> Words(string text)
    {
        List<string> words = [];
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            if (text[i] == '#')
            {
                while (i < text.Length && text[i] != '\n') i++;
                continue;
            }
            var word = new StringBuilder();
            char? quote = null;
            for (; i < text.Length && (quote is not null || !char.IsWhiteSpace(text[i])); i++)
            {
                if (text[i] == quote) quote = null;
                else if (quote is null && text[i] is '"' or '\'') quote = text[i];
                else word.Append(text[i]);
            }
            words.Add(word.ToString());
        }
        return words;
    }

    static Refusal Wrong(Command command, string why) => Refusal.Usage($"invalid --{command.Name} option: {why}");
}
