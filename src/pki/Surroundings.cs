// What a command sees of the world: streams, the clock, the terminal.
using System.Text;
using Cygnet.Crypto;

namespace Cygnet.PkiTool;

/// <summary>Handed to every command; tests make one of memory streams.</summary>
sealed record Surroundings(Func<Stream> OpenInput, Stream Output, TextWriter Error)
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Asks on the terminal; null if there is none.</summary>
    public required Func<string, string?> AskSecret { get; init; }

    public ICryptoDoor Crypto { get; } = new SystemCrypto();

    public static Surroundings OfThisProcess(Stream output) =>
        new(Console.OpenStandardInput, output, new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }) { Now = DateTimeOffset.Now, AskSecret = Ask };

    public void Print(string text) => Output.Write(Encoding.UTF8.GetBytes(text));

    // Never shown while it is typed.
    static string? Ask(string prompt)
    {
        if (Console.IsInputRedirected) return null;
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) text.Length = Math.Max(0, text.Length - 1);
            else if (key.KeyChar != 0) text.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return text.ToString();
    }
}
