// One command of pki: its name, options and usage text, as the reference prints them.
using System.Text;

namespace Cygnet.PkiTool;

/// <summary>An option; long names may be shortened as long as they are clear. Without help text it is read, to be refused by name, and not shown.</summary>
sealed record Option(string Name, char Letter, bool TakesValue, string Help);

/// <summary>An option as given.</summary>
readonly record struct Given(string Name, string Value);

/// <summary>A command. Usage is what stands behind <c>pki --name</c>, with the reference's own indentation.</summary>
sealed record Command(string Name, char Letter, string Summary, string Usage, IReadOnlyList<Option> Own, Func<Surroundings, IReadOnlyList<Given>, int> Run)
{
    public IReadOnlyList<Option> Options { get; } =
    [
        new("help", 'h', false, "show usage information"), .. Own, new("debug", 'v', true, "set debug level, default: 1"),
        new("options", '+', true, "read command line options from file"),
    ];

    public string Help()
    {
        var text = new StringBuilder($"{Pki.Banner}usage:\n  pki --{Name} {Usage}\n");
        foreach (var o in Options.Where(o => o.Help.Length > 0)) text.Append($"        --{o.Name,-15} (-{o.Letter})  {o.Help}\n");
        return text.ToString();
    }
}
