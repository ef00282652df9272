// Outcome of parsing a message, in the words of the notifies that answer it. RFC 7296 2.5, 2.21.
namespace Cygnet.Wire;

public enum ParseOutcome { Ok, InvalidSyntax, UnsupportedCriticalPayload, InvalidMajorVersion }

/// <summary>Whether a message could be read, and if not, why. <see cref="Type"/> is the unsupported critical payload.</summary>
public readonly record struct ParseResult(ParseOutcome Outcome, string Reason = "", byte Type = 0)
{
    public static readonly ParseResult Ok = new(ParseOutcome.Ok);
    public static readonly ParseResult InvalidMajorVersion = new(ParseOutcome.InvalidMajorVersion, "unsupported major version");

    public bool IsOk => Outcome == ParseOutcome.Ok;

    public static ParseResult InvalidSyntax(string reason) => new(ParseOutcome.InvalidSyntax, reason);

    public static ParseResult UnsupportedCriticalPayload(byte type) =>
        new(ParseOutcome.UnsupportedCriticalPayload, $"payload type {type} is not supported, but critical", type);
}
