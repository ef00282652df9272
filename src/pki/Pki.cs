// The dispatcher of pki: the first word names the command. The reference's pki(1).
using System.Security.Cryptography;
using System.Text;
using Cygnet.PkiTool.Commands;

namespace Cygnet.PkiTool;

static class Pki
{
    public static string Banner { get; } = $"Cygnet {typeof(Pki).Assembly.GetName().Version?.ToString(3) ?? "0"} PKI tool\n";

    static readonly Command[] s_commands =
    [
        Acert.Command, Dn.Command, Gen.Command, Issue.Command, KeyId.Command, Pkcs12.Command, Pkcs7.Command, Print.Command, Pub.Command, Req.Command, Self.Command, SignCrl.Command, Verify.Command,
    ];

    public static IReadOnlyList<Command> All => s_commands;

    public static string Help()
    {
        var text = new StringBuilder($"{Banner}usage:\n");
        foreach (var c in s_commands) text.Append($"  pki --{c.Name,-7} (-{c.Letter})  {c.Summary}\n");
        return text.Append($"  pki --{"help",-7} (-h)  show usage information\n").ToString();
    }

    /// <summary>0 if what was asked for is done, else 1, as in the reference.</summary>
    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        if (args.Count == 0 || args[0] is "--help" or "-h" || args[0].Length > 2 && "--help".StartsWith(args[0], StringComparison.Ordinal))
        {
            world.Print(Help());
            return 0;
        }
        if (Find(args[0]) is not { } command)
        {
            world.Error.Write($"pki: unrecognized option '{args[0]}'\nError: invalid operation\n{Help()}");
            return 1;
        }
        try
        {
            var given = Arguments.Read([.. args.Skip(1)], command);
            if (given.Any(g => g.Name == "help"))
            {
                world.Print(command.Help());
                return 0;
            }
            return command.Run(world with { IsQuiet = given.Any(g => g is { Name: "debug", Value: "0" or "-1" }) }, given);
        }
        catch (Refusal e)
        {
            world.Error.Write(e.IsUsage ? $"Error: {e.Message}\n{command.Help()}" : $"{e.Message}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or NotSupportedException)
        {
            world.Error.Write($"pki --{command.Name}: {e.Message}\n");
        }
        return 1;
    }

    static Command? Find(string word)
    {
        if (word is ['-', not '-']) return s_commands.FirstOrDefault(c => c.Letter == word[1]);
        if (!word.StartsWith("--", StringComparison.Ordinal) || word.Length == 2) return null;
        var name = word[2..];
        return s_commands.FirstOrDefault(c => c.Name == name) ?? (s_commands.Where(c => c.Name.StartsWith(name, StringComparison.Ordinal)).ToList() is [var one] ? one : null);
    }
}
