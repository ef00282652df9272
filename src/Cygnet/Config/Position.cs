// Where in a configuration file something stands.
namespace Cygnet.Config;

/// <summary>A place in a file; lines and columns count from 1.</summary>
public readonly record struct Position(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
