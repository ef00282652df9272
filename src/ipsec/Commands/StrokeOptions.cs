// Options of the commands that the reference's stroke runs, read as getopt_long(3) does: anywhere among the words, abbreviated where that is unambiguous.
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

/// <summary>What was asked for, and the words that are no options. <c>--json</c> is ours.</summary>
sealed record StrokeOptions(bool Utc, bool Json, bool Help, IReadOnlyList<string> Words)
{
    static readonly (string Name, bool HasValue)[] s_long = [("help", false), ("utc", false), ("daemon", true), ("json", false)];

    public static IEnumerable<string> Names => s_long.Select(o => $"--{o.Name}");

    /// <summary>Null, and the line that getopt prints, for what is no option.</summary>
    public static StrokeOptions? Parse(IReadOnlyList<string> args, Paths paths, out string complaint)
    {
        var program = $"{paths.LibexecDir}/stroke";
        bool utc = false, json = false;
        List<string> words = [];
        complaint = "";
        for (var i = 0; i < args.Count; i++)
        {
            var word = args[i];
            if (word == "--")
            {
                words.AddRange(args.Skip(i + 1));
                break;
            }
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var equals = word.IndexOf('=');
                var name = equals < 0 ? word[2..] : word[2..equals];
                var (option, hasValue) = s_long.FirstOrDefault(o => o.Name.StartsWith(name, StringComparison.Ordinal));
                if (option is null) complaint = $"{program}: unrecognized option '{(equals < 0 ? word : word[..equals])}'";
                else if (equals >= 0 && !hasValue) complaint = $"{program}: option '--{option}' doesn't allow an argument";
                // The daemon's name does not change the name of its socket, so it changes nothing.
                else if (hasValue && equals < 0 && ++i >= args.Count) complaint = $"{program}: option '--{option}' requires an argument";
                if (complaint != "") return null;
                utc |= option == "utc";
                json |= option == "json";
                if (option == "help") return new(utc, json, true, words);
            }
            else if (word.Length > 1 && word[0] == '-')
            {
                for (var at = 1; at < word.Length; at++)
                {
                    // The first that asks for help has it, whatever follows.
                    if (word[at] == 'h') return new(utc, json, true, words);
                    if (word[at] != 'd') complaint = $"{program}: invalid option -- '{word[at]}'";
                    else if (at + 1 == word.Length && ++i >= args.Count) complaint = $"{program}: option requires an argument -- 'd'";
                    if (complaint != "") return null;
                    if (word[at] == 'd') break;
                }
            }
            else
            {
                words.Add(word);
            }
        }
        return new(utc, json, false, words);
    }
}
