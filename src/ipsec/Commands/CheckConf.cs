// ipsec checkconf [--json] [FILE]: every mistake in the configuration files at once, each at its place, without a daemon. An extension.
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cygnet.Command.Starter;
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

/// <summary>
/// One line a mistake, <c>file:line:column: error: what, and what was expected</c>; a warning drops nothing. Exit code 0 if there is no error, else 1.
/// Without a file: ipsec.conf, ipsec.secrets and strongswan.conf where the daemon looks for them; with one: that as ipsec.conf.
/// </summary>
static class CheckConf
{
    sealed record Mistake(Position? At, string Text, bool IsWarning);

    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        var json = args.Contains("--json");
        string[] names = [.. args.Where(a => a != "--json")];
        if (names.Length > 1 || names.Any(n => n.StartsWith('-')))
        {
            world.Out.Write("Usage: ipsec checkconf [--json] [<file>]\n");
            return ExitCode.Usage;
        }
        var found = (names.Length == 1 ? OfFile(world.Paths, names[0]) : OfAll(world.Paths)).Distinct().ToList();
        var files = found.Select(m => m.At?.File).Distinct().ToList();
        // as one reads: file by file, from top to bottom
        List<Mistake> mistakes = [.. found.OrderBy(m => files.IndexOf(m.At?.File)).ThenBy(m => m.At?.Line).ThenBy(m => m.At?.Column)];
        var errors = mistakes.Count(m => !m.IsWarning);
        if (json)
        {
            world.Out.Write($"{Json(mistakes)}\n");
        }
        else
        {
            foreach (var m in mistakes) world.Out.Write($"{(m.At is { } at ? $"{at}: " : "")}{(m.IsWarning ? "warning" : "error")}: {m.Text}\n");
            world.Out.Write(mistakes.Count == 0 ? "no mistakes found\n" : $"{Count(errors, "error")}, {Count(mistakes.Count - errors, "warning")}\n");
        }
        return errors == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    static IEnumerable<Mistake> OfAll(Paths paths)
    {
        foreach (var mistake in Of(Configuration.Read(paths, paths.IpsecConf, isWhole: true))) yield return mistake;
        foreach (var error in StrongswanSettings.Parse(paths.StrongswanConf, new HostFiles()).Errors) yield return Of(error);
    }

    /// <summary>The secrets are read too, for the keys that belong to certificates; what is wrong with them is not this file's affair.</summary>
    static IEnumerable<Mistake> OfFile(Paths paths, string file)
    {
        var configuration = Configuration.Read(paths, file, isWhole: true);
        return Of(configuration, configuration.Secrets.Errors);
    }

    static IEnumerable<Mistake> Of(Configuration configuration, IReadOnlyCollection<ConfigError>? except = null)
    {
        foreach (var error in configuration.Plan.Errors)
            if (except?.Contains(error) != true && !error.IsSummary) yield return Of(error);
        // what only the daemon would say when it is to load a connection
        foreach (var connection in configuration.Plan.Connections)
            if (!LoadConn.TryParse(connection.Name, connection.Message.Sections.Single(), out _, out var problem))
                yield return new(connection.Children.FirstOrDefault()?.At, $"conn '{connection.Name}': {problem}", false);
    }

    // Ours is the sentence with the remedy; where there is none, the reference's says it.
    static Mistake Of(ConfigError error) => new(error.At, ConfigError.Printable(error.Detail ?? string.Join("; ", error.Lines.Select(l => l.Trim()))), error.IsWarning);

    static string Count(int n, string what) => $"{n} {what}{(n == 1 ? "" : "s")}";

    static string Json(List<Mistake> mistakes)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (var m in mistakes)
            {
                writer.WriteStartObject();
                if (m.At is { } at)
                {
                    writer.WriteString("file", at.File);
                    writer.WriteNumber("line", at.Line);
                    writer.WriteNumber("column", at.Column);
                }
                writer.WriteString("severity", m.IsWarning ? "warning" : "error");
                writer.WriteString("text", m.Text);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
